//go:build !linux

package main

import (
	"errors"
	"syscall"
	"time"
)

// endsWithParent does nothing here: a sandbox whose benchmark is killed must be ended by hand.
func endsWithParent() *syscall.SysProcAttr { return nil }

// cpuTime is unknown here; the profile's sum is used instead.
func cpuTime() time.Duration { return 0 }

// peakMemory is unknown here.
func peakMemory() int64 { return 0 }

// lockFile is not supported here: what a killed benchmark leaves must be removed by hand.
func lockFile(string, int) (free func() error, err error) { return nil, errors.ErrUnsupported }
