import fc from 'fast-check';
import { z, type ZodError } from 'zod';
import { causeOf } from '../src/fault-cause';

const appendix = '{"$type":"System.InvalidOperationException","ClassName":"x","Message":"y"}';

describe('fault-cause: what a person is told of a fault', () => {
  it('keeps a cause of many lines (hazard: all after the first line was cut off)', () => {
    const parsed = z.object({ port: z.number() }).safeParse({ port: 'many' });
    const { message } = parsed.error as ZodError;
    expect(message.split('\n').length).toBeGreaterThan(2);
    expect(causeOf(new Error(`The answer is none:\n${message}`))).toMatch(/The answer is none: .*port.*number/);
  });

  it('is without the engine’s JSON, at any depth, and without stacks', () => {
    const once = `Orchestrator function 'mendOnCopy' failed: The disk is gone.\nSecond line.\n    at thing (/home/site/dist/x.js:3:4)\n${appendix}`;
    const twice = `Orchestrator function 'repair' failed: ${once} \n ${appendix}\r\n`;
    for (const text of [once, twice]) {
      expect(causeOf(new Error(text))).toContain('The disk is gone. Second line.');
      expect(causeOf(new Error(text))).not.toMatch(/\$type|ClassName|x\.js|[\r\n]/);
    }
  });

  it.each([
    'https://x.blob.core.windows.net/a?sv=2024&sig=SECRET%2Bxx&se=1',
    'https://x.azurewebsites.net/api?code=SECRETxx',
    'https://x.azurewebsites.net/api?next=a%3Fcode%3DSECRETxx',
    'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=SECRETxx==;EndpointSuffix=y',
    'SharedAccessSignature=SECRETxx',
    'authorization: Bearer SECRETxx.SECRET',
    'the token eyJSECRETSECRET.SECRET.SECRET is out',
    '(password=SECRETxx)',
    '{"clientSecret": "SECRETxx"} as it was',
  ])('hides what opens something: %s', (text) => {
    const cause = causeOf(new Error(`It failed at ${text} today.`));
    expect(cause).toContain('It failed at');
    expect(cause).toContain('(hidden)');
    expect(cause).not.toContain('SECRET');
  });

  it('leaves other words alone', () => {
    const text = 'The key=value of design=open and code 409 (keySet) of monkey=banana.';
    expect(causeOf(new Error(text))).toContain('design=open and code 409 (keySet) of monkey=banana.');
  });

  it.each([
    ['', 'nothing is known of it'],
    [appendix, 'nothing is known of it'],
    [new Error('x'), 'x'],
    [undefined, 'undefined'],
  ])('makes something of %j', (thrown, says) => {
    expect(causeOf(thrown)).toBe(says);
  });

  it('is one bounded line, whatever was thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 3000, unit: 'grapheme' }), fc.anything()), (thrown) => {
        let cause = '';
        try {
          cause = causeOf(thrown);
        } catch {
          // What has no text of its own.
          fc.pre(false);
        }
        expect(cause.length).toBeLessThanOrEqual(601);
        expect(cause).not.toMatch(/[\r\n]/);
        expect(cause).not.toBe('');
      }),
    );
  });
});
