import fc from 'fast-check';
import { bcdElement, parseBcdEnum } from '../../src/windows/bcdedit';

/**
 * Composed after the layouts that the facts name (learn.microsoft.com "Cannot RDP … safe mode"; a German Windows 10 store
 * printed by bcdedit): headings and the first row's name are translated, element names are not.
 */
const english = [
  '',
  'Windows Boot Manager',
  '--------------------',
  'identifier              {9dea862c-5cdd-4e70-acc1-f32b344d4795}',
  'device                  partition=\\Device\\HarddiskVolume1',
  'description             Windows Boot Manager',
  'default                 {c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}',
  'displayorder            {c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}',
  '                        {d1a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}',
  'timeout                 30',
  '',
  'Windows Boot Loader',
  '-------------------',
  'identifier              {c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}',
  'device                  partition=C:',
  'path                    \\windows\\system32\\winload.efi',
  'description             Windows Server',
  'safeboot                Minimal',
  'safebootalternateshell  Yes',
  '',
].join('\r\n');

const german = [
  'Windows-Startladeprogramm',
  '-------------------------',
  'Bezeichner              {default}',
  'device                  unknown',
  'path                    \\WINDOWS\\system32\\winload.efi',
  'recoveryenabled         Yes',
].join('\r\n');

describe('windows/bcdedit', () => {
  it('reads objects with their elements in order', () => {
    const objects = objectsOf(english);
    expect(objects.map(({ id }) => id)).toEqual([
      '{9dea862c-5cdd-4e70-acc1-f32b344d4795}',
      '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}',
    ]);
    expect(objects[0]?.elements.get('displayorder')).toEqual([
      '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}',
      '{d1a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}',
    ]);
  });

  it('tells safeboot and safebootalternateshell apart', () => {
    const loader = objectsOf(english)[1];
    expect(loader && bcdElement(loader, 'safeboot')).toBe('Minimal');
    expect(loader && bcdElement(loader, 'safebootalternateshell')).toBe('Yes');
  });

  it('goes by the identifier’s form, not by its translated name', () => {
    expect(objectsOf(german)).toMatchObject([{ id: '{default}' }]);
  });

  it('has no object for a section whose first row holds no identifier', () => {
    expect(objectsOf(`Heading\n-------\nsafeboot                Minimal\n\n${english}`)).toHaveLength(2);
  });

  it('says that there is no boot entry when the text is an error message', () => {
    expect(parseBcdEnum('The boot configuration data store could not be opened.\r\nAccess is denied.\r\n')).toEqual({
      ok: false,
      reason: 'no boot entry is in the output',
    });
  });

  it('refuses more objects than a store holds (hazard: megabytes of headings)', () => {
    const text = Array.from({ length: 300 }, (_, index) => `x\n---\nid  {${index}}\n`).join('\n');
    expect(parseBcdEnum(text)).toMatchObject({ ok: false });
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...english.split('\r\n'), '---', '   x', '\u0000', '{', 'a  {b}')),
        (lines) => {
          const result = parseBcdEnum(lines.join('\n'));
          if (result.ok) expect(result.value.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

function objectsOf(text: string) {
  const result = parseBcdEnum(text);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}
