//go:build !linux

package main

import (
	"errors"
	"syscall"
	"time"
)

// endsWithParent does nothing on this system: after a kill of the benchmark, end its sandbox by hand.
func endsWithParent() *syscall.SysProcAttr { return nil }

// cpuTime is unknown on this system; the profile's sum is used instead.
func cpuTime() time.Duration { return 0 }

// peakMemory is unknown on this system.
func peakMemory() int64 { return 0 }

// lockFile is not supported on this system: remove what a killed benchmark leaves by hand.
func lockFile(string, int) (free func() error, err error) { return nil, errors.ErrUnsupported }
