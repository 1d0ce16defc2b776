import { decodeRuns } from '../../../src/disk/ntfs/run-list';

const geometry = { clusterSize: 512, volumeSize: 512 * 1000, masterFileTableAt: 0, mirrorAt: 0, recordSize: 1024 };

function runs(pairs: string, clusters: number) {
  return decodeRuns(
    {
      type: 0x80,
      name: '',
      isCompressed: false,
      isEncrypted: false,
      resident: false,
      firstCluster: 0,
      lastCluster: clusters - 1,
      mappingPairs: Buffer.from(pairs, 'hex'),
      dataSize: 0,
      initializedSize: 0,
    },
    geometry,
  );
}

describe('disk/ntfs/run-list: decoding run lists', () => {
  it('adds signed distances, and knows holes', () => {
    // 3 clusters at 0x64, a hole of 2, 4 clusters 0x14 before the last run.
    expect(runs('1103640102' + '1104ec' + '00', 9)).toEqual([
      { start: 100 * 512, length: 3 * 512 },
      { start: null, length: 2 * 512 },
      { start: 80 * 512, length: 4 * 512 },
    ]);
  });

  it('reads numbers of eight bytes', () => {
    expect(runs('88' + '0300000000000000' + '6400000000000000' + '00', 3)).toEqual([{ start: 51200, length: 1536 }]);
    expect(() => runs('88' + '0300000000000000' + '64000000000000ff' + '00', 3)).toThrow(/outside the volume/u);
  });

  it.each([
    ['ends in the middle', '2103', 3, /middle/u],
    ['has a number of nine bytes', '19' + '01'.repeat(10), 3, /9 bytes/u],
    ['has a run of no clusters', '1000', 3, /0 clusters/u],
    ['has a run of negative length', '11ff64', 3, /-1 clusters/u],
    ['begins before the volume', '1103ff', 3, /outside the volume/u],
    ['ends behind the volume', '2103e603', 3, /outside the volume/u],
    ['is shorter than the attribute', '110364', 4, /3 clusters in an attribute of 4/u],
    ['is longer than the attribute', '110364', 2, /attribute of 2/u],
  ])('refuses one that %s', (_what, pairs, clusters, message) => {
    expect(() => runs(pairs, clusters)).toThrow(message);
  });
});
