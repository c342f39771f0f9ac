package argocd

import (
	"encoding/json"
	"io"
	"time"

	"google.golang.org/grpc/status"
)

// answer is what a call gave, as one JSON object. A call that was refused is an
// answer too: a test reads what was said, and the exit code stays 0.
type answer map[string]any

// asked times a call and keeps its error and the error's code.
func asked(call func() (answer, error)) answer {
	start := time.Now()
	given, err := call()
	if given == nil {
		given = answer{}
	}
	given["ms"] = time.Since(start).Milliseconds()
	given["code"] = status.Code(err).String()
	if err != nil {
		given["error"] = status.Convert(err).Message()
	}
	return given
}

func (a answer) write(out io.Writer) error {
	return json.NewEncoder(out).Encode(a)
}
