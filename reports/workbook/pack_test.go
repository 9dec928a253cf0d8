package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
	"testing"
)

// TestPackage checks the container of each kind of workbook as strict readers do.
func TestPackage(t *testing.T) {
	for kind, book := range allKinds(t) {
		t.Run(kind, func(t *testing.T) {
			packed, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
			if err != nil {
				t.Fatal(err)
			}
			parts := make(map[string]string)
			for _, part := range packed.File {
				if _, twice := parts[strings.ToLower(part.Name)]; twice {
					t.Errorf("two parts have the name %s", part.Name)
				}
				parts[strings.ToLower(part.Name)] = partOf(t, book, part.Name) // reading the part also checks its size and CRC
				checkLocalHeader(t, book, part)
				checkXML(t, part.Name, partOf(t, book, part.Name))
			}
			checkReferences(t, parts)
		})
	}
}

// checkLocalHeader checks that the header before a part has the sizes and the date of the directory.
func checkLocalHeader(t *testing.T, book []byte, part *zip.File) {
	t.Helper()
	at, err := part.DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	header := book[at-int64(30+len(part.Name)+len(part.Extra)):]
	if string(header[:4]) != "PK\x03\x04" || string(header[30:30+len(part.Name)]) != part.Name {
		t.Fatalf("%s has no local header", part.Name)
	}
	flags, crc := binary.LittleEndian.Uint16(header[6:]), binary.LittleEndian.Uint32(header[14:])
	small, size := binary.LittleEndian.Uint32(header[18:]), binary.LittleEndian.Uint32(header[22:])
	if flags&8 != 0 || crc != part.CRC32 || uint64(small) != part.CompressedSize64 ||
		uint64(size) != part.UncompressedSize64 {
		t.Errorf("%s: flags %x, CRC %x, %d of %d bytes; the directory has %x, %d of %d", part.Name, flags, crc, small, size,
			part.CRC32, part.CompressedSize64, part.UncompressedSize64)
	}
	if year, month, day := part.Modified.UTC().Date(); year < 1980 || month < 1 || day < 1 {
		t.Errorf("%s has the date %s", part.Name, part.Modified)
	}
}

func checkXML(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "dimension" {
			t.Errorf("%s has a dimension, which readers of streams take for the range of all cells", name)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "lastModifiedBy" && !strings.Contains(text,
			"<cp:lastModifiedBy>") {
			t.Errorf("%s has no prefix cp, which exceljs requires", name)
		}
	}
}

// checkReferences checks that each part has a content type, and that each content type and relationship has a part.
func checkReferences(t *testing.T, parts map[string]string) {
	t.Helper()
	var types struct {
		Default []struct {
			Extension string `xml:",attr"`
		}
		Override []struct {
			PartName string `xml:",attr"`
		}
	}
	if err := xml.Unmarshal([]byte(parts["[content_types].xml"]), &types); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	for _, o := range types.Override {
		name := strings.ToLower(strings.TrimPrefix(o.PartName, "/"))
		if parts[name] == "" || named[name] {
			t.Errorf("the content type of %s has no part, or occurs twice", name)
		}
		named[name] = true
	}
	for name, text := range parts {
		if name != "[content_types].xml" && path.Ext(name) != ".rels" && !named[name] {
			t.Errorf("%s has no content type", name)
		}
		if path.Ext(name) != ".rels" {
			continue
		}
		var related struct {
			Items []struct {
				Target string `xml:",attr"`
			} `xml:"Relationship"`
		}
		if err := xml.Unmarshal([]byte(text), &related); err != nil {
			t.Fatal(err)
		}
		for _, r := range related.Items {
			target := path.Join(path.Dir(path.Dir(name)), r.Target)
			if path.IsAbs(r.Target) {
				target = r.Target[1:]
			}
			if parts[strings.ToLower(target)] == "" {
				t.Errorf("%s refers to %s, which does not exist", name, r.Target)
			}
		}
	}
}
