# Prints the cells of a workbook as openpyxl reads them, one JSON array [sheet, cell, value] a line. The second argument
# names the modes: read_only, data_only, both or none.
import datetime, json, sys, warnings
import openpyxl
warnings.simplefilter("error")
modes = {mode: True for mode in "".join(sys.argv[2:]).split(",") if mode}
for sheet in openpyxl.load_workbook(sys.argv[1], **modes):
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                value = None if isinstance(cell.value, datetime.datetime) else cell.value
                print(json.dumps([sheet.title, cell.coordinate, value]))
