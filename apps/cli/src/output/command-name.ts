/** What a person types to run this command: in a checkout only npx finds it. */
export const commandName = import.meta.url.endsWith('.ts') ? 'npx drover' : 'drover';
