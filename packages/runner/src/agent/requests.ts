import type { HelloRequest, RunLimits, RunnerLeases, RunnerRequest, StartRequest } from '@drover/spec';
import { isCount, isObject, isText, isTextList, type JsonObject, parseJson } from './json.ts';

/** A line of the dispatcher, checked. `id` is 0 when not even that could be read. */
export type ParsedRequest =
  | { readonly ok: true; readonly request: RunnerRequest }
  | { readonly ok: false; readonly id: number; readonly message: string };

/** Names a folder on the VM, so nothing that means something to a file system gets through. */
const uuidPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Checks one line. Never throws. */
export function parseRequest(line: string): ParsedRequest {
  const json = parseJson(line);
  if (!isObject(json)) return { ok: false, id: 0, message: 'the line is no JSON object' };
  const id = json['id'];
  if (!isCount(id)) return { ok: false, id: 0, message: 'id is missing or no whole number' };
  const request = readRequest(json, id);
  return typeof request === 'string' ? { ok: false, id, message: request } : { ok: true, request };
}

/** The request, or what is wrong with it. */
function readRequest(json: JsonObject, id: number): RunnerRequest | string {
  const type = json['type'];
  switch (type) {
    case 'hello':
      return readHello(json, id);
    case 'list':
    case 'renew':
      return { type, id };
    case 'drain':
      return typeof json['on'] === 'boolean' ? { type, id, on: json['on'] } : 'drain needs on: true or false';
    case 'start':
    case 'kill':
    case 'ack':
    case 'logs':
      return readRunRequest(type, json, id);
    default:
      return `unknown request type ${JSON.stringify(type)}`;
  }
}

function readHello(json: JsonObject, id: number): HelloRequest | string {
  const { version, epoch, session, afterSequence } = json;
  if (!isCount(version) || !isCount(epoch) || !isCount(session) || !isCount(afterSequence)) {
    return 'hello needs version, epoch, session and afterSequence as whole numbers';
  }
  const leases = readLeases(json['leases']);
  if (leases === undefined) return 'hello needs leases with acceptMs and deadManMs';
  return { type: 'hello', id, version, epoch, session, afterSequence, leases };
}

function readLeases(value: unknown): RunnerLeases | undefined {
  if (!isObject(value)) return undefined;
  const { acceptMs, deadManMs } = value;
  return isCount(acceptMs) && isCount(deadManMs) ? { acceptMs, deadManMs } : undefined;
}

function readRunRequest(type: 'start' | 'kill' | 'ack' | 'logs', json: JsonObject, id: number): RunnerRequest | string {
  const { uuid, generation } = json;
  if (!isText(uuid) || !uuidPattern.test(uuid)) return `${type} needs a uuid of letters, digits, _ and -`;
  if (!isCount(generation)) return `${type} needs a generation`;
  switch (type) {
    case 'start':
      return readStart(json, id, uuid, generation);
    case 'kill':
      return { type, id, uuid, generation };
    case 'ack':
      return isText(json['hash']) ? { type, id, uuid, generation, hash: json['hash'] } : 'ack needs a hash';
    case 'logs':
      return readLogs(json, id, uuid, generation);
    default:
      return type satisfies never;
  }
}

function readLogs(json: JsonObject, id: number, uuid: string, generation: number): RunnerRequest | string {
  const { stream, offset, maxBytes } = json;
  if (stream !== 'stdout' && stream !== 'stderr') return 'logs needs stream: stdout or stderr';
  if (!isCount(offset) || !isCount(maxBytes)) return 'logs needs offset and maxBytes';
  return { type: 'logs', id, uuid, generation, stream, offset, maxBytes };
}

function readStart(json: JsonObject, id: number, uuid: string, generation: number): StartRequest | string {
  const container = readContainer(json['container']);
  if (typeof container === 'string') return container;
  const limits = readLimits(json['limits']);
  if (limits === undefined) return 'start needs limits, each a number ≥ 0';
  const { gpuDevices, gatewaySecret } = json;
  if (!Array.isArray(gpuDevices) || !gpuDevices.every(isCount)) return 'start needs gpuDevices, a list of indexes';
  if (!isText(gatewaySecret)) return 'start needs gatewaySecret, empty for none';
  return { type: 'start', id, uuid, generation, container, limits, gpuDevices, gatewaySecret };
}

function readContainer(value: unknown): StartRequest['container'] | string {
  if (!isObject(value)) return 'start needs a container';
  const { command, env, cwd, image } = value;
  if (!isTextList(command) || command.length === 0) return 'the command must be a list of texts without NUL, not empty';
  if (!isEnv(env)) return 'env must map names (not empty, without = and NUL) to texts without NUL';
  if (cwd !== undefined && !isText(cwd)) return 'cwd must be a text';
  if (image !== undefined && !isText(image)) return 'image must be a text';
  return {
    command,
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...(image === undefined ? {} : { image }),
  };
}

function isEnv(value: unknown): value is Readonly<Record<string, string>> {
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => name !== '' && !name.includes('=') && isText(name) && isText(text),
  );
}

function readLimits(value: unknown): RunLimits | undefined {
  if (!isObject(value)) return undefined;
  const { maxRunTimeMs, memoryBytes, vcpus, maxLogBytes, killGraceMs } = value;
  if (!isCount(maxRunTimeMs) || !isCount(memoryBytes) || !isCount(maxLogBytes) || !isCount(killGraceMs)) {
    return undefined;
  }
  if (typeof vcpus !== 'number' || !Number.isFinite(vcpus) || vcpus < 0) return undefined;
  return { maxRunTimeMs, memoryBytes, vcpus, maxLogBytes, killGraceMs };
}
