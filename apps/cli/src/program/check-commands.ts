import type { Command } from 'commander';
import type { CloudTestOptions } from '../commands/cloudtest.ts';
import type { DoctorOptions } from '../commands/doctor.ts';
import type { DriverOptions } from '../commands/driver.ts';
import type { DriverTestOptions } from '../commands/driver-test.ts';
import { collect, wholeNumber } from './argument-values.ts';
import { withOutput } from './leaf.ts';

/** `drover doctor`, `drover cloudtest` and `drover driver …`: they run in this process. */
export function addCheckCommands(program: Command): void {
  withConfig(
    withOutput(program.command('doctor').description('check a configuration against the cloud, for free')),
  ).action(async (options: DoctorOptions) => (await import('../commands/doctor.ts')).runDoctor(options));

  withConfig(
    withOutput(program.command('cloudtest').description('create a VM as the dispatcher would, try it, destroy it')),
  )
    .option('--type <name>', 'this instance type; may be repeated (default: the cheapest)', collect)
    .option('--all-types', 'every configured type')
    .option('--zone <zone>', 'in this zone or subnet (default: the cheapest)')
    .option('--all-offerings', 'in every zone, spot and on-demand')
    .option('--image <id>', 'another image than the configured one')
    .option('--command <command>', 'to run on the VM', 'uname -a')
    .option('--parallel <count>', 'VMs at once', wholeNumber, 4)
    .option('--pause', 'wait for Enter before the VM goes')
    .option('--destroy-existing', "first destroy what is left in the test's own instance set")
    .action(async (options: CloudTestOptions) => (await import('../commands/cloudtest.ts')).runCloudTest(options));

  const driver = program.command('driver').description('look at drivers');
  withOutput(driver.command('list').description('list the drivers that come with drover')).action(
    async (options: DriverOptions) => (await import('../commands/driver.ts')).listDrivers(options),
  );
  withOutput(driver.command('explain <name>').description('say which parameters a driver takes')).action(
    async (name: string, options: DriverOptions) =>
      (await import('../commands/driver.ts')).explainDriver(name, options),
  );
  withConfig(
    withOutput(driver.command('permissions <name>').description('print the least privileges that a driver needs')),
  ).action(async (name: string, options: DriverOptions) =>
    (await import('../commands/driver.ts')).showPermissions(name, options),
  );
  withConfig(
    withOutput(driver.command('test <name>').description('run the conformance suite against a driver and its fake')),
  )
    .option('--live', 'two VMs in the real cloud instead, as the configuration says; leaves nothing there')
    .action(async (name: string, options: DriverTestOptions) =>
      (await import('../commands/driver-test.ts')).testDriver(name, options),
    );
}

/** For commands that read the configuration of a dispatcher and need none that runs. */
export function withConfig(command: Command): Command {
  return command.option('-c, --config <file>', 'default: drover.yaml of this folder, if there is one');
}
