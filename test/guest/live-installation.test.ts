import { readNeeds, renderNeeds } from '../../src/guest/live';
import { answerOf, ended } from './support/answers';

const need = { kind: 'windows-installation' } as const;

function text(name: string, data: string) {
  return ended(`windows:${name}`, ['', 'HKEY_LOCAL_MACHINE\\X', `    ${name}    REG_SZ    ${data}`, ''].join('\r\n'));
}

function read(...results: ReturnType<typeof ended>[]) {
  return readNeeds([need], answerOf(...results), 'run-command')[0];
}

const product = text('ProductName', 'Windows Server 2022 Datacenter');
const build = text('CurrentBuildNumber', '20348');

describe('guest/live-installation', () => {
  it('asks value by value', () => {
    expect(renderNeeds([need]).map(({ file, arguments: rest }) => [file, rest[0], ...rest.slice(2)])).toEqual([
      ['reg.exe', 'query', '/v', 'ProductName'],
      ['reg.exe', 'query', '/v', 'CurrentBuildNumber'],
      ['reg.exe', 'query', '/v', 'ProductType'],
    ]);
  });

  it.each([
    ['LanmanNT', true],
    ['lanmannt', true],
    ['ServerNT', false],
    ['WinNT', false],
  ])('tells by the product type %s whether it is a domain controller: %s', (type, isDomainController) => {
    expect(read(product, build, text('ProductType', type))).toMatchObject({
      productName: 'Windows Server 2022 Datacenter',
      build: '20348',
      isDomainController,
    });
  });

  it('is unreadable without a product type, and never "no domain controller"', () => {
    expect(read(product, build)).toMatchObject({ kind: 'unreadable' });
    expect(read(product, build, text('Other', 'ServerNT'))).toMatchObject({ kind: 'unreadable' });
  });
});
