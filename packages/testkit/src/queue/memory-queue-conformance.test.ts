import { queueConformance, type QueueHarness, stateStoreConformance } from '../conformance/index.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedClock } from '../simulated-clock.ts';
import { MemoryQueue } from './memory-queue.ts';

function memory(): QueueHarness {
  const database = new MemoryQueue({ clock: new SimulatedClock(), random: new SeededRandom(1) });
  return { open: () => database.open(), dispose: () => undefined };
}

queueConformance('MemoryQueue', memory);
stateStoreConformance('MemoryQueue', memory);
