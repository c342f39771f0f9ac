package argocd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
)

// step is one thing that a client does to a stream; of its fields one is given.
type step struct {
	// Metadata is sent as a message, whatever it says.
	Metadata *metadata `json:"metadata"`
	// Chunk, base64, is sent as one message of a file.
	Chunk *[]byte `json:"chunk"`
	// File is read and sent in pieces of Piece bytes (1024, as repo-server does).
	File  string `json:"file"`
	Piece int    `json:"piece"`
	// Empty sends a message that is neither metadata nor a file.
	Empty bool `json:"empty"`
	// Until waits for a file to exist, which is how a test says that the script may go on.
	Until string `json:"until"`
	// Hold sends no more and leaves the stream open: the server has to end the call.
	Hold bool `json:"hold"`
	// Abandon cancels the call, instead of closing it.
	Abandon bool `json:"abandon"`
}

type metadata struct {
	AppName    string `json:"appName"`
	AppRelPath string `json:"appRelPath"`
	Checksum   string `json:"checksum"`
	Size       int64  `json:"size"`
	Env        []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"env"`
}

// errHeld says that the script ended in a call whose stream stays open.
var errHeld = errors.New("held")

// look is how often a file that is waited for is looked for.
const look = 5 * time.Millisecond

// errAbandoned says that the script ended in a cancelled call.
var errAbandoned = errors.New("abandoned")

// repoServerPiece is ARGOCD_CMP_CHUNK_SIZE where nobody sets it.
const repoServerPiece = 1024

func readScript(in io.Reader) ([]step, error) {
	var steps []step
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&steps); err != nil {
		return nil, fmt.Errorf("the script on standard input: %w", err)
	}
	return steps, nil
}

// sender is the part of a stream that a step needs.
type sender func(*apiclient.AppStreamRequest) error

func (s *step) run(send sender) error {
	switch {
	case s.Abandon:
		return errAbandoned
	case s.Metadata != nil:
		return send(s.Metadata.message())
	case s.Chunk != nil:
		return send(chunk(*s.Chunk))
	case s.File != "":
		return s.sendFile(send)
	case s.Empty:
		return send(&apiclient.AppStreamRequest{})
	case s.Hold:
		return errHeld
	case s.Until != "":
		waitForFile(s.Until)
		return nil
	default:
		return errors.New("a step that says nothing")
	}
}

func waitForFile(path string) {
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(look)
	}
}

func (s *step) sendFile(send sender) error {
	file, err := os.Open(s.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	piece := s.Piece
	if piece == 0 {
		piece = repoServerPiece
	}
	buffer := make([]byte, piece)
	for {
		n, err := io.ReadFull(file, buffer)
		if n > 0 {
			if err := send(chunk(buffer[:n])); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (m *metadata) message() *apiclient.AppStreamRequest {
	message := &apiclient.ManifestRequestMetadata{
		AppName:    m.AppName,
		AppRelPath: m.AppRelPath,
		Checksum:   m.Checksum,
		Size_:      m.Size,
	}
	for _, entry := range m.Env {
		message.Env = append(message.Env, &apiclient.EnvEntry{Name: entry.Name, Value: entry.Value})
	}
	return &apiclient.AppStreamRequest{Request: &apiclient.AppStreamRequest_Metadata{Metadata: message}}
}

func chunk(bytes []byte) *apiclient.AppStreamRequest {
	return &apiclient.AppStreamRequest{
		Request: &apiclient.AppStreamRequest_File{File: &apiclient.File{Chunk: bytes}},
	}
}
