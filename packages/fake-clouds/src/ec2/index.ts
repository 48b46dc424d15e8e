export type { FakeServer } from '../fake-server.ts';
