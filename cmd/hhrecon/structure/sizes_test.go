package structure

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	maxFiles            = 25   // maximum size of a package, without tests
	maxCommandFiles     = 40   // of cmd/hhrecon, which has one file for each command
	maxPackageLines     = 4000 // lines of code, without blank lines, comments and tests
	maxFileLines        = 400
	maxLineLength       = 120 // in characters; a tab counts as one
	maxInterfaceMethods = 12  // including methods of embedded interfaces of this project
	maxTypeMethods      = 40
)

const commands = "cmd/hhrecon"

// TestSizes checks the limits for the numbers of files, lines and methods.
func TestSizes(t *testing.T) {
	found := offences{}
	for folder, p := range packages(t) {
		p.countFiles(found, folder)
		p.countMethods(found, folder)
	}
	for name, methods := range interfaces(packages(t)) {
		if methods > maxInterfaceMethods {
			found.add(name, "interface_methods", methods)
		}
	}
	found.compare(t, map[string]string{
		"package_files":     fmt.Sprintf("at most %d files a package, %d in %s", maxFiles, maxCommandFiles, commands),
		"package_lines":     fmt.Sprintf("at most %d lines of code a package", maxPackageLines),
		"file_lines":        fmt.Sprintf("at most %d lines a file", maxFileLines),
		"long_lines":        fmt.Sprintf("at most %d characters a line", maxLineLength),
		"interface_methods": fmt.Sprintf("at most %d methods an interface", maxInterfaceMethods),
		"type_methods":      fmt.Sprintf("at most %d methods declared on a type", maxTypeMethods),
	})
}

// goPackage contains the Go files of a folder.
type goPackage struct {
	code, tests map[string]*ast.File // by path
	texts       map[string][]string  // the number of lines in each file
}

func packages(t *testing.T) map[string]*goPackage {
	t.Helper()
	all := map[string]*goPackage{}
	for _, file := range files(t) {
		if path.Ext(file) != ".go" || strings.Contains(file, "testdata/") {
			continue
		}
		p := all[path.Dir(file)]
		if p == nil {
			p = &goPackage{map[string]*ast.File{}, map[string]*ast.File{}, map[string][]string{}}
			all[path.Dir(file)] = p
		}
		content := read(t, file)
		tree, err := parser.ParseFile(token.NewFileSet(), file, content, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		p.texts[file] = strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
		if strings.HasSuffix(file, "_test.go") {
			p.tests[file] = tree
		} else {
			p.code[file] = tree
		}
	}
	return all
}

func (p *goPackage) countFiles(found offences, folder string) {
	most := maxFiles
	if folder == commands {
		most = maxCommandFiles
	}
	if n := len(p.code); n > most {
		found.add(folder, "package_files", n)
	}
	code := 0
	for file, lines := range p.texts {
		if len(lines) > maxFileLines {
			found.add(file, "file_lines", len(lines))
		}
		for i, line := range lines {
			if utf8.RuneCountInString(line) > maxLineLength && !strings.HasPrefix(line, "//go:") {
				found.add(file, "long_lines", 1, fmt.Sprintf("%s:%d", file, i+1))
			}
			if text := strings.TrimSpace(line); p.code[file] != nil && text != "" && !strings.HasPrefix(text, "//") {
				code++
			}
		}
	}
	if code > maxPackageLines {
		found.add(folder, "package_lines", code)
	}
}

// countMethods counts the methods declared on each type in all files of the package.
func (p *goPackage) countMethods(found offences, folder string) {
	methods := map[string]int{}
	for _, tree := range p.code {
		for _, declaration := range tree.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv != nil {
				methods[typeName(f.Recv.List[0].Type)]++
			}
		}
	}
	for name, n := range methods {
		if n > maxTypeMethods {
			found.add(folder+":"+name, "type_methods", n)
		}
	}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// interfaces returns the number of methods of each interface by FILE:NAME.
func interfaces(all map[string]*goPackage) map[string]int {
	counts := map[string]int{}
	for folder, p := range all {
		for file, tree := range p.code {
			for name, spec := range types(tree) {
				if i, ok := spec.Type.(*ast.InterfaceType); ok {
					counts[file+":"+name] = countInterface(all, folder, tree, i)
				}
			}
		}
	}
	return counts
}

func countInterface(all map[string]*goPackage, folder string, tree *ast.File, i *ast.InterfaceType) int {
	n := 0
	for _, field := range i.Methods.List {
		in, name := folder, ""
		switch e := field.Type.(type) {
		case *ast.FuncType:
			n += len(field.Names)
		case *ast.Ident:
			name = e.Name
		case *ast.SelectorExpr:
			in, name = importedFolder(tree, e.X.(*ast.Ident).Name), e.Sel.Name
		}
		if all[in] == nil || name == "" {
			continue
		}
		for _, other := range all[in].code {
			if spec := types(other)[name]; spec != nil {
				if embedded, ok := spec.Type.(*ast.InterfaceType); ok {
					n += countInterface(all, in, other, embedded)
				}
			}
		}
	}
	return n
}

func importedFolder(tree *ast.File, name string) string {
	for _, spec := range tree.Imports {
		at, _ := strconv.Unquote(spec.Path.Value)
		if (spec.Name == nil && path.Base(at) == name) || (spec.Name != nil && spec.Name.Name == name) {
			return strings.TrimPrefix(at, "hhrecon/")
		}
	}
	return ""
}

// types returns a file's type declarations by name.
func types(tree *ast.File) map[string]*ast.TypeSpec {
	all := map[string]*ast.TypeSpec{}
	for _, declaration := range tree.Decls {
		if d, ok := declaration.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok {
					all[s.Name.Name] = s
				}
			}
		}
	}
	return all
}

// TestCommandFiles checks that the command NAME is in cmd_NAME.go, and its sub-commands there or in cmd_NAME_SUB.go.
func TestCommandFiles(t *testing.T) {
	found := offences{}
	p := packages(t)[commands]
	declared := map[string]string{} // the file of each type
	for file, tree := range p.code {
		for name := range types(tree) {
			declared[name] = file
		}
	}
	for file, tree := range p.code {
		for _, spec := range types(tree) {
			for name, typ := range commandsOf(spec) {
				in := path.Base(declared[typ])
				parent := strings.TrimSuffix(path.Base(file), ".go")
				own := "cmd_" + name + ".go"
				sub := strings.HasPrefix(parent, "cmd_") && (in == parent+".go" || in == parent+"_"+name+".go")
				if in != own && !sub {
					found.add(declared[typ], "command_file", 1, own)
				}
			}
		}
	}
	found.compare(t, map[string]string{"command_file": "each command is in a file of its name"})
}

// commandsOf returns the names and types of a struct's fields with the tag cmd.
func commandsOf(spec *ast.TypeSpec) map[string]string {
	all := map[string]string{}
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	for _, field := range s.Fields.List {
		if field.Tag == nil {
			continue
		}
		text, _ := strconv.Unquote(field.Tag.Value)
		tag := reflect.StructTag(text)
		if _, ok := tag.Lookup("cmd"); ok {
			name := tag.Get("name")
			if name == "" {
				name = strings.ToLower(field.Names[0].Name)
			}
			all[name] = typeName(field.Type)
		}
	}
	return all
}
