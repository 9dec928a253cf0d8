/*
 * rows writes the cells of a file as a workbook with libxlsxwriter in its constant-memory mode, and says how long
 * that took and how much memory. What reading the file takes is measured by itself, and taken off.
 *
 *     cc -O2 -o rows rows.c -lxlsxwriter && ./rows cells.txt out.xlsx
 *
 * The first line of the file has the number format of each column, each further line the cells of a row, all apart
 * by tabs: "n" and a number, "s" and a text, or nothing for a cell that is blank.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <xlsxwriter.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* each reads the file's rows, and writes them where a sheet is given. It returns how many there are. */
static lxw_row_t each(FILE *in, lxw_workbook *book, lxw_worksheet *sheet) {
    char *line = NULL;
    size_t size = 0;
    lxw_row_t row = 0;
    double sum = 0; /* so that no number is left unread */
    ssize_t length;

    rewind(in);
    for (int header = 1; (length = getline(&line, &size, in)) > 0; header = 0) {
        char *at = line;
        line[length - 1] = '\0';
        for (lxw_col_t column = 0; at != NULL; column++) {
            char *cell = strsep(&at, "\t");
            if (header && sheet != NULL) {
                lxw_format *format = workbook_add_format(book);
                if (*cell != '\0')
                    format_set_num_format(format, cell);
                worksheet_set_column(sheet, column, column, 18, format);
            } else if (!header && *cell == 'n') {
                double number = strtod(cell + 1, NULL);
                sum += number;
                if (sheet != NULL)
                    worksheet_write_number(sheet, row, column, number, NULL);
            } else if (!header && *cell == 's' && sheet != NULL) {
                worksheet_write_string(sheet, row, column, cell + 1, NULL);
            }
        }
        if (!header)
            row++;
    }
    free(line);
    return sum < 0 ? 0 : row;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: rows cells.txt out.xlsx\n");
        return 2;
    }
    FILE *in = fopen(argv[1], "r");
    if (in == NULL) {
        perror(argv[1]);
        return 1;
    }
    double begun = now();
    each(in, NULL, NULL);
    double reading = now() - begun;

    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    begun = now();
    lxw_workbook *book = workbook_new_opt(argv[2], &options);
    lxw_row_t rows = each(in, book, workbook_add_worksheet(book, NULL));
    lxw_error error = workbook_close(book);
    double writing = now() - begun;
    if (error != LXW_NO_ERROR) {
        fprintf(stderr, "%s: %s\n", argv[2], lxw_strerror(error));
        return 1;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("rows %u ns %.0f peak-kB %ld\n", rows, (writing - reading) * 1e9, usage.ru_maxrss);
    return 0;
}
