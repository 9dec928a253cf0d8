package parallel

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestForEach checks the limit of concurrent calls, the order of the errors, and that ended is called in order and
// without delay.
func TestForEach(t *testing.T) {
	for limit, want := range map[int]struct {
		ended string
		took  time.Duration
	}{
		1: {"[0:3s 1:4s 2:6s 3:7s]", 7 * time.Second},
		2: {"[0:3s 1:3s 2:3s 3:4s]", 4 * time.Second},
		9: {"[0:3s 1:3s 2:3s 3:3s]", 3 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			var ended []string
			errs := ForEach(4, limit, func(i int) error {
				time.Sleep([]time.Duration{3, 1, 2, 1}[i] * time.Second)
				if i == 2 {
					return errors.New("two")
				}
				return nil
			}, func(i int) { ended = append(ended, fmt.Sprintf("%d:%s", i, time.Since(began))) })
			if fmt.Sprint(ended) != want.ended || time.Since(began) != want.took ||
				fmt.Sprint(errs) != "[<nil> <nil> two <nil>]" {
				t.Errorf("limit %d: ended %v after %s, %v", limit, ended, time.Since(began), errs)
			}
		})
	}
	if errs := ForEach(0, 0, nil, nil); len(errs) != 0 {
		t.Error(errs)
	}
}
