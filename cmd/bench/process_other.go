//go:build !linux

package main

import (
	"errors"
	"syscall"
	"time"
)

// endsWithParent does nothing on this system. If the benchmark is killed, its sandbox must be ended by hand.
func endsWithParent() *syscall.SysProcAttr { return nil }

// cpuTime returns 0 on this system. The sum of the profile is used instead.
func cpuTime() time.Duration { return 0 }

// peakMemory returns 0 on this system, since it is not known.
func peakMemory() int64 { return 0 }

// lockFile returns an error on this system. The folder and database of a killed benchmark must be removed by hand.
func lockFile(string, int) (free func() error, err error) { return nil, errors.ErrUnsupported }
