/** `npm run docs`: writes the pages that follow from the code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureList } from './signature-list';

writeFileSync(join(__dirname, '../docs/signatures.md'), signatureList());
console.log('docs/signatures.md is written.');
