// Package oracle answers questions of the fuzz targets with the code of other projects: how Go
// reads YAML and JSON, how Helm merges values, how kustomize merges a patch into an object, which
// values files Argo CD reads.
//
// A question and an answer are frames: the length as four bytes, little end first, and then the
// content. The content of an answer begins with '+' and JSON, or with '-' and the reason for
// which the code refused.
package oracle

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"
)

// Questions are answered by the kind that the first argument names.
var kinds = map[string]func(question []byte) ([]byte, error){
	"charts":     coalesceChart,
	"json":       readJSON,
	"resources":  mergeResources,
	"valuefiles": resolveValueFiles,
	"values":     mergeValues,
	"yaml":       readYAML,
}

// Main is fuzz-oracle, which takes the kind of the questions and answers them until stdin ends.
func Main(args []string) int {
	var answer func([]byte) ([]byte, error)
	if len(args) == 1 {
		answer = kinds[args[0]]
	}
	if answer == nil {
		fmt.Fprintln(os.Stderr, "fuzz-oracle takes one of: charts, json, resources, valuefiles, values, yaml")
		return 2
	}
	// Helm warns of values that it skips.
	log.SetOutput(io.Discard)
	if err := serve(answer, bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serve(answer func([]byte) ([]byte, error), in io.Reader, out *bufio.Writer) error {
	for {
		question, err := readFrame(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := writeFrame(out, reply(answer, question)); err != nil {
			return err
		}
	}
}

// Go's panics are refusals: no program that reads a repo with this code survives one.
func reply(answer func([]byte) ([]byte, error), question []byte) (frame []byte) {
	defer func() {
		if cause := recover(); cause != nil {
			frame = fmt.Appendf(nil, "-panic: %v", cause)
		}
	}()
	told, err := answer(question)
	if err != nil {
		return fmt.Appendf(nil, "-%v", err)
	}
	return append([]byte{'+'}, told...)
}

func readFrame(in io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, binary.LittleEndian.Uint32(length[:]))
	_, err := io.ReadFull(in, frame)
	return frame, err
}

func writeFrame(out *bufio.Writer, frame []byte) error {
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(frame)))
	if _, err := out.Write(append(length, frame...)); err != nil {
		return err
	}
	return out.Flush()
}
