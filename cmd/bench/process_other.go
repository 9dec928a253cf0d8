//go:build !linux

package main

import (
	"errors"
	"syscall"
	"time"
)

// endsWithParent does nothing on this system. If the benchmark is killed, the user must end the sandbox's process.
func endsWithParent() *syscall.SysProcAttr { return nil }

// cpuTime returns 0 on this system. The benchmark uses the sum of the CPU profile instead.
func cpuTime() time.Duration { return 0 }

// peakMemory returns 0, because the peak memory is unknown on this system.
func peakMemory() int64 { return 0 }

// lockFile returns an error on this system. The user must remove the folder and the database of a killed benchmark.
func lockFile(string, int) (free func() error, err error) { return nil, errors.ErrUnsupported }
