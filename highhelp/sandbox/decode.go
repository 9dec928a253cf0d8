package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// duration is a time.Duration that JSON writes like "1m30s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// These are Payin, Step and Fault with durations as people write them:
// the outer field hides the embedded one of the same name.
type (
	controlStep struct {
		Step
		After duration `json:"after"`
	}
	controlledPayin struct {
		Payin
		Steps []controlStep `json:"steps,omitempty"`
		Asks  *int          `json:"asks,omitempty"` // in answers only
	}
	controlFault struct {
		Fault
		Delay duration `json:"delay,omitempty"`
	}
)

// decodeLines reads JSON values one after the other, strictly, and says which one is wrong.
func decodeLines[T any](body io.Reader) ([]T, error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	var values []T
	for {
		var value T
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", len(values)+1, err)
		}
		values = append(values, value)
	}
	if len(values) == 0 {
		return nil, errors.New("body is empty: give one JSON object a line")
	}
	return values, nil
}
