/** A table that is printed when the tests of the file are over; gives what adds a line to it. */
export function printedTable(title: string): (line: string) => void {
  const lines: string[] = [];
  afterAll(() => {
    process.stdout.write([title, ...lines, ''].join('\n'));
  });
  return (line) => {
    lines.push(`  ${line}`);
  };
}
