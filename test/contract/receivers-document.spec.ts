import { readFile } from 'node:fs/promises';
import { receiverDeclarationSchema } from '@plumbline/contracts';
import { parseAllDocuments } from 'yaml';

describe('docs/receivers.md', () => {
  it('shows a declaration of every channel, each of which is taken', async () => {
    const text = await readFile(new URL('../../docs/receivers.md', import.meta.url), 'utf8');
    const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, block]) => block!);
    const declared = blocks.flatMap((block) =>
      parseAllDocuments(block).map((document) => document.toJS() as Record<string, unknown>),
    );
    const channels = declared.map(({ kind, name, ...declaration }) => {
      expect([kind, typeof name]).toEqual(['receiver', 'string']);
      return receiverDeclarationSchema.parse(declaration).channel;
    });
    const known = receiverDeclarationSchema.options.map(({ shape }) => shape.channel.value);
    expect(known.filter((channel) => !channels.includes(channel))).toEqual([]);
  });
});
