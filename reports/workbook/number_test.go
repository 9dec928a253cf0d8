package workbook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hhrecon/reconcile"
	"hhrecon/reports"
	"hhrecon/reports/i18n"
)

// TestNumbersAreDecimals checks that the XML contains the exact decimal of amounts of any size, in currencies with all
// numbers of decimals.
func TestNumbersAreDecimals(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	minors := []int64{1, 9, 10, 99, 100, 101, 999, 1000, 1001, 10_000_000_000_000, maxNumber - 1, maxNumber, -1,
		-maxNumber}
	for range 20_000 {
		minors = append(minors, (rng.Int64N(maxNumber)+1)>>rng.IntN(50)*int64(1-2*rng.IntN(2)))
	}
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	currencies := []string{"JPY", "KGS", "KWD"}
	var want []string
	row := rowCells{styles: newStyles(f, i18n.English()),
		columns: []cellColumn{newCellColumn(reports.KindAmount, "A", 17, 0), newCellColumn(reports.KindAmount, "B", 17, 0),
			newCellColumn(reports.KindAmount, "C", 17, 0)}}
	var sheet strings.Builder
	for i, minor := range minors {
		row.begin(i + 1)
		for column, currency := range currencies {
			row.Amount(minor, currency)
			want = append(want, shortest(strings.ReplaceAll(reconcile.FormatAmount(minor, currency), " ", "")))
			value, _ := moneyValue(i18n.English(), reports.KindAmount, reconcile.SumOf(minor), currency)
			cell, _ := excelize.CoordinatesToCellName(column+1, i+1)
			if err := f.SetCellValue("Sheet1", cell, value); err != nil {
				t.Fatal(err)
			}
		}
		sheet.Write(row.xml)
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	for name, sheet := range map[string]string{
		"rows":    "<sheet>" + sheet.String() + "</sheet>",
		"Summary": partOf(t, book.Bytes(), "xl/worksheets/sheet1.xml"),
	} {
		if diff := cmp.Diff(want, numbersIn(t, sheet)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// shortest removes trailing zeros after the decimal point.
func shortest(decimal string) string {
	if !strings.Contains(decimal, ".") {
		return decimal
	}
	return strings.TrimSuffix(strings.TrimRight(decimal, "0"), ".")
}

// numbersIn returns the texts of a sheet's <v> elements. It reads the XML with encoding/xml and does not use the
// program's code.
func numbersIn(t *testing.T, sheet string) []string {
	t.Helper()
	var numbers []string
	decoder := xml.NewDecoder(strings.NewReader(sheet))
	inside := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return numbers
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local == "v"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				numbers = append(numbers, string(token))
			}
		}
	}
}

// TestAmountsBeyondANumber checks that an amount is text and not rounded if a number in a cell cannot represent it.
func TestAmountsBeyondANumber(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     any
	}{
		{maxNumber, "KGS", 1e13},
		{maxNumber + 1, "KGS", "10 000 000 000 000.01"},
		{math.MaxInt64, "KWD", "9 223 372 036 854 775.807"},
		{math.MinInt64, "JPY", "-9 223 372 036 854 775 808"},
		{5, "QQQ", "5 minor units"},
		{0, "QQQ", 0.0},
	} {
		if got, _ := moneyValue(i18n.English(), reports.KindAmount, reconcile.SumOf(c.minor), c.currency); got != c.want {
			t.Errorf("%d %s: %v, want %v", c.minor, c.currency, got, c.want)
		}
	}
}

// TestEveryCurrencyHasAFormat checks that powersOf10 has enough entries for every currency.
func TestEveryCurrencyHasAFormat(t *testing.T) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				if exponent, known := reconcile.Exponent(string([]rune{a, b, c})); known && exponent >= len(powersOf10) {
					t.Errorf("%c%c%c has %d decimals", a, b, c, exponent)
				}
			}
		}
	}
}

// textIn returns a text without arguments in a language.
func textIn(t *testing.T, language, key string) string {
	t.Helper()
	texts, err := i18n.For(language)
	if err != nil {
		t.Fatal(err)
	}
	return texts.T(key)
}
