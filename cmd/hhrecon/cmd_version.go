package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"hhrecon/cmd/hhrecon/usage"
)

// version names this build in `hhrecon version`, workbooks, pages and metrics. The linker may set it:
// -ldflags "-X main.version=1.2.3". Otherwise it is the module's version or the commit of the build.
var version string

var build string // the output of `hhrecon version`

func init() {
	info, _ := debug.ReadBuildInfo()
	version = cmp.Or(version, usage.VersionOf(info))
	build = fmt.Sprintf("hhrecon %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versionCmd is the command `hhrecon version`.
type versionCmd struct{}

// Run prints the version and details of the build.
func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintln(a.Stdout, build)
	return err
}
