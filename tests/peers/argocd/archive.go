package argocd

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/argoproj/argo-cd/v3/util/tgzstream"
)

// headBytes is what bufio reads at once, and so where repo-server's pieces end.
const headBytes = 4096

// archive is what repo-server sends of a checkout, made once by its own code. The body
// is shared by all variants; the head is each one's own.
type archive struct {
	head     []byte
	body     []byte
	checksum string
}

// pack compresses a checkout as repo-server does for every call.
func pack(repo string) (*archive, error) {
	root, err := filepath.Abs(repo)
	if err != nil {
		return nil, err
	}
	file, files, checksum, err := tgzstream.CompressFiles(root, nil, nil)
	if err != nil {
		return nil, err
	}
	defer tgzstream.CloseAndDelete(file)
	if files == 0 {
		return nil, fmt.Errorf("no files to send(%s)", root)
	}
	all, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	cut := min(len(all), headBytes)
	return &archive{head: all[:cut], body: all[cut:], checksum: checksum}, nil
}

// variant is the same archive with another time in gzip's header: the same files under
// a digest that no server has seen. Hashing is its whole cost.
func (a *archive) variant(stamp uint32) *archive {
	const timeAt = 4 // RFC 1952: magic, method and flags come before it
	head := bytes.Clone(a.head)
	binary.LittleEndian.PutUint32(head[timeAt:], stamp)
	hash := sha256.New()
	hash.Write(head)
	hash.Write(a.body)
	return &archive{head: head, body: a.body, checksum: hex.EncodeToString(hash.Sum(nil))}
}

// metadata is the first message of a stream, for one application of the archive.
func (a *archive) metadata(app string) (*apiclient.AppStreamRequest, error) {
	environ, err := (&call{app: app}).environ()
	if err != nil {
		return nil, err
	}
	entries := make([]*apiclient.EnvEntry, 0, len(environ))
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		entries = append(entries, &apiclient.EnvEntry{Name: name, Value: value})
	}
	return &apiclient.AppStreamRequest{Request: &apiclient.AppStreamRequest_Metadata{
		Metadata: &apiclient.ManifestRequestMetadata{
			AppName:    filepath.Base(app),
			AppRelPath: app,
			Checksum:   a.checksum,
			Size_:      int64(len(a.head) + len(a.body)),
			Env:        entries,
		},
	}}, nil
}

// send sends the bytes in pieces of at most chunk, cut where repo-server cuts them.
func (a *archive) send(stream cmp.StreamSender, chunk int) error {
	reader := bufio.NewReader(io.MultiReader(bytes.NewReader(a.head), bytes.NewReader(a.body)))
	piece := make([]byte, chunk)
	for {
		n, err := reader.Read(piece)
		if n > 0 {
			if failed := stream.Send(cmp.AppFileRequest(piece[:n])); failed != nil {
				return failed
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
