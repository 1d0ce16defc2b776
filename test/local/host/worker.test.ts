import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { withTimeout } from '../../../local/host/worker/timeout';
import { orchestration, temporaryFolder, testHost } from '../../conformance/support/test-host';

describe('local/host/worker: hooks', () => {
  it('run around every invocation, may change inputs and results, and see the end of the app', async () => {
    const seen: string[] = [];
    const host = await testHost(() => {
      app.hook.appStart(() => void seen.push('appStart'));
      app.hook.appTerminate(() => void seen.push('appTerminate'));
      app.hook.preInvocation((context) => {
        if (context.invocationContext.functionName !== 'double') return;
        context.hookData.from = 'before';
        context.inputs = [21];
      });
      app.hook.postInvocation((context) => {
        if (context.invocationContext.functionName !== 'double') return;
        seen.push(`${String(context.hookData.from)} ${String(context.result)} ${String(context.error)}`);
        context.result = Number(context.result) + 1;
      });
      df.app.activity('double', { handler: (number: number) => number * 2 });
      orchestration('doubles', function* (context) {
        return yield context.df.callActivity('double', 1);
      });
    });
    expect((await host.ended(await host.start('doubles'))).output).toBe(43);
    await host.stop();
    expect(seen).toEqual(['appStart', 'before 42 null', 'appTerminate']);
  });
});

describe('local/host/worker: registrations', () => {
  it('are refused once the app has been loaded', async () => {
    await testHost(() => undefined);
    expect(() => app.http('late', { handler: () => ({ status: 200 }) })).toThrow(
      /only be registered during app startup/,
    );
  });

  it('of one name are refused, and the app is not loaded', async () => {
    const twice = () => {
      app.http('same', { handler: () => ({ status: 200 }) });
      app.http('same', { handler: () => ({ status: 200 }) });
    };
    await expect(testHost(twice)).rejects.toThrow(/404 The function name 'same' is already registered/);
  });

  it('with bindings that the host does not serve are warned of', async () => {
    const host = await testHost(() => {
      app.storageQueue('onMessage', { queueName: 'q', connection: 'c', handler: () => undefined });
    });
    expect(host.log.join('\n')).toContain("warn Function 'onMessage'");
    expect(host.functions).toContain('onMessage');
  });
});

describe('local/host/worker: functionTimeout', () => {
  it('fails a call that takes longer, and leaves others alone', async () => {
    const never = new Promise<never>(() => undefined);
    await expect(withTimeout(never, 1, 'slow')).rejects.toThrow('exceeded by function: slow');
    await expect(withTimeout(Promise.resolve(1), 60_000, 'quick')).resolves.toBe(1);
    await expect(withTimeout(Promise.resolve(2), Infinity, 'quick')).resolves.toBe(2);
  });
});

describe('local/host/worker: an instance of a newer version than the host', () => {
  function register(): void {
    orchestration('versioned', function* (context) {
      yield context.df.createTimer(new Date(0));
      return context.df.version;
    });
  }
  const hostJson = (defaultVersion: string, versionFailureStrategy: string) => ({
    extensions: { durableTask: { defaultVersion, versionFailureStrategy } },
  });

  it('waits for a host that may run it', async () => {
    const stateFolder = temporaryFolder();
    const old = await testHost(register, { stateFolder, hostJson: hostJson('1.0', 'Reject') });
    const id = await old.client.startNew('versioned', { version: '2.0' });
    await old.ended(await old.start('versioned'));
    expect(await old.status(id)).toMatchObject({ runtimeStatus: 'Pending' });
    await old.stop();
    const newer = await testHost(register, { stateFolder, hostJson: hostJson('2.0', 'Reject') });
    expect((await newer.ended(id)).output).toBe('2.0');
  });

  it('fails where host.json says so', async () => {
    const host = await testHost(register, { hostJson: hostJson('1.0', 'Fail') });
    const id = await host.client.startNew('versioned', { version: '2.0' });
    expect(await host.ended(id)).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('VersionMismatch') as string,
    });
  });
});
