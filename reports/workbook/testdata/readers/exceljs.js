// Prints the cells of a workbook as exceljs reads them, one JSON array [sheet, cell, value] a line.
const book = new (require("exceljs").Workbook)();
book.xlsx.readFile(process.argv[2]).then(() => {
  book.eachSheet((sheet) => sheet.eachRow((row) => row.eachCell((cell) => {
    let value = cell.value;
    if (value && typeof value === "object" && !(value instanceof Date)) {
      value = value.result ?? (value.formula ? 0 : value.text ?? value.richText?.map((run) => run.text).join(""));
    }
    if (cell.master === cell) console.log(JSON.stringify([sheet.name, cell.address, value instanceof Date ? null : value]));
  })));
}).catch((e) => { console.error(e); process.exit(1); });
