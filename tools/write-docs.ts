/** `npm run docs`: writes the pages, and the parts of pages, that follow from the code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { operatingGuide, withCodeTables } from './code-tables';
import { signatureList } from './signature-list';

writeFileSync(join(__dirname, '../docs/signatures.md'), signatureList());
writeFileSync(join(__dirname, '../docs/operate.md'), withCodeTables(operatingGuide()));
console.log('docs/signatures.md and the tables of codes in docs/operate.md are written.');
