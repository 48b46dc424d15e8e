import type { WhyAnswer } from '@drover/spec';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { print } from '../output/print.ts';
import { renderFacts, renderTable } from '../output/table.ts';
import { age } from '../output/times.ts';

/** `drover containers why` */
export async function explainContainer(uuid: string, options: GlobalOptions): Promise<void> {
  const answer = await connect(options).why(uuid);
  print(options.output, {
    items: [answer],
    columns: [],
    name: ({ code }) => code,
    json: answer,
    text: () => whyText(answer),
  });
}

function whyText(answer: WhyAnswer): string {
  const facts = renderFacts([
    ['why', answer.sentence],
    ['code', answer.code],
    ['place in line', answer.position],
    answer.code === 'finished' ? ['ended', `${age(answer.sinceMs)} ago`] : ['for', age(answer.sinceMs)],
    ['fits', answer.eligibleTypes.join(' ') || undefined],
  ]);
  if (answer.rejections.length === 0) return facts;
  const rejections = renderTable(answer.rejections, [
    { title: 'type', value: ({ instanceType }) => instanceType },
    { title: 'why not', value: ({ message }) => message },
  ]);
  return `${facts}\n\n${rejections}`;
}
