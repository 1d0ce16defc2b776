import {
  directoryOfMany,
  expectEveryFile,
  expectMirror,
  expectToBeSoundForTools,
  type DirectoryOfMany,
} from './support/directory-of-many';
import { areInstalled } from './support/readers-of-others';

const itWithTools = areInstalled('ntfsresize', 'ntfs-3g.probe', 'ntfsls', 'ntfsinfo') ? it : it.skip;

describe('local/disk/ntfs-volume: a directory of 5,000 files', () => {
  let many: DirectoryOfMany;

  beforeAll(() => {
    many = directoryOfMany(5000);
  });

  it('has every one of them, for us and for the product’s reader', () => expectEveryFile(many));

  it('made the table of files longer, with its first records repeated in the mirror', () => {
    expectMirror(many);
  });

  itWithTools('is sound for ntfsls and ntfsresize, and so is the volume once they are gone', () => {
    expectToBeSoundForTools(many);
  });
});
