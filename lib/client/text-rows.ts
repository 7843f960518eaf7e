/** Rows of a table written past React: what changes several times a second is put into text nodes that stay. */

/** @param cells of each row, as they read */
export function writeRows(body: HTMLTableSectionElement, rows: readonly (readonly string[])[]): void {
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, at) => {
    const row = body.rows[at] ?? body.insertRow();
    cells.forEach((text, column) => {
      writeText(row.cells[column] ?? row.insertCell(), text);
    });
  });
}

/** Leaves the node alone where it says so already. */
export function writeText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
