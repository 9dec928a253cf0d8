// Prints the cells of a workbook as SheetJS reads them, one JSON array [sheet, cell, value] a line.
const book = require("xlsx").readFile(process.argv[2], { cellDates: true });
for (const name of book.SheetNames) {
  for (const [at, cell] of Object.entries(book.Sheets[name])) {
    if (at[0] !== "!" && cell.t !== "z") console.log(JSON.stringify([name, at, cell.t === "d" ? null : cell.v]));
  }
}
