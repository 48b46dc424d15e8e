/** What a person types to run this command: in a checkout only npx finds it. */
export const commandName = /[/\\]node_modules[/\\]/.test(import.meta.url) ? 'drover' : 'npx drover';
