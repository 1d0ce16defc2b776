import { join } from 'node:path';
import { readSparseImage } from './sparse-image';
import { createSparseDisk, type SparseDisk } from './sparse-disk';

const IMAGES = { V1: 'generation-1', V2: 'generation-2' } as const;

const opened = new Map<keyof typeof IMAGES, SparseDisk>();

/**
 * A disk of 127 GiB as Azure's Windows Server images of that generation have it: partitioned, formatted, with Windows'
 * directories, without hives and event logs (templates/make-templates.sh). Read once in a process; each call gives a
 * disk of its own.
 */
export function openTemplate(generation: 'V1' | 'V2'): SparseDisk {
  const known = opened.get(generation) ?? readTemplate(generation);
  opened.set(generation, known);
  return known.copy();
}

function readTemplate(generation: 'V1' | 'V2'): SparseDisk {
  const { size, extents } = readSparseImage(join(__dirname, 'templates', `${IMAGES[generation]}.sparse.gz`));
  return createSparseDisk(size, extents);
}
