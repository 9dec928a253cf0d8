//go:build !linux

package main

import (
	"errors"
	"syscall"
	"time"
)

// mortal is nothing here: a sandbox whose benchmark is killed must be ended by hand.
func mortal() *syscall.SysProcAttr { return nil }

// cpuTime is not known here; the profile's own sum has to do.
func cpuTime() time.Duration { return 0 }

// peakMemory is not known here.
func peakMemory() int64 { return 0 }

// lockFile is not known here: what a killed benchmark leaves must be removed by hand.
func lockFile(string, int) (free func() error, err error) { return nil, errors.ErrUnsupported }
