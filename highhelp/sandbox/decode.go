package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// duration is a time.Duration with the JSON form "1m30s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// These types are Payin, Step and Fault with readable durations. The outer field hides the embedded field of the same
// name.
type (
	controlStep struct {
		Step
		After duration `json:"after"`
	}
	controlledPayin struct {
		Payin
		Steps []controlStep `json:"steps,omitempty"`
		Asks  *int          `json:"asks,omitempty"` // only in answers
	}
	controlFault struct {
		Fault
		Delay duration `json:"delay,omitempty"`
	}
)

// decodeLines reads a sequence of JSON values. The error says which value is invalid; unknown fields are invalid.
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
		return nil, errors.New("body is empty: write one JSON object on each line")
	}
	return values, nil
}
