import { enableCompileCache } from 'node:module';

enableCompileCache();
const { loadConfig, runDispatcher } = await import('@drover/dispatcher');
const dispatcher = await runDispatcher(loadConfig(process.argv[2], {}));
process.send?.({ url: dispatcher.url, token: dispatcher.token });
process.on('message', () => {
  void dispatcher.stop({ drain: true }).then(() => process.exit(0));
});
