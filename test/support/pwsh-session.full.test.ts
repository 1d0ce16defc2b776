import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPwsh, runPwsh } from './pwsh-session';
import { bodies, caseOfBody, caseOfText, caseOfWords, seen, texts, words } from './pwsh-session-cases';
import { sampled } from './sample';

const isInstalled = hasPwsh();
const whenInstalled = isInstalled ? describe : describe.skip;

/** That the shared one does the same is pwsh-session.test.ts. */
whenInstalled(
  `support/pwsh-session: a PowerShell of its own${isInstalled ? '' : ' (skipped: pwsh is not installed)'}`,
  () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pwsh-session-')));
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(sampled(bodies))('ends and prints so, when a script %s', async (_what, body, ending) => {
      expect(seen(await runPwsh(caseOfBody(folder, body)))).toEqual(ending);
    });

    it.each(sampled(words))('binds %s so', async (_what, given, ending) => {
      expect(seen(await runPwsh(caseOfWords(folder, given)))).toEqual(ending);
    });

    it.each(sampled(texts))('ends so for a text %s', async (_what, command, ending) => {
      expect(seen(await runPwsh(caseOfText(folder, command)))).toEqual(ending);
    });
  },
);
