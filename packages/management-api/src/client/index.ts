export { ApiError } from './api-error.ts';
export { type ClientCall, type ContainerPage, type ContainerText, createClient, type DroverClient } from './client.ts';
export type { FollowOptions } from './follow.ts';
export type { Endpoint } from './http.ts';
export { containerStates, isFinal } from '../schemas/container-schemas.ts';
export type { DispatcherStatus, TypeExplanation } from '../schemas/fleet-schemas.ts';
export type { ContainerFile } from '../container-file/container-file-schema.ts';
