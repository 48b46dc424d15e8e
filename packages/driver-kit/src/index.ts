export { type AttemptedCall, untilAborted } from './until-aborted.ts';
export { errorOf, type ErrorMeaning } from './error-of.ts';
