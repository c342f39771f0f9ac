package argocd

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
	grpc_retry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/protobuf/types/known/emptypb"
)

// errStuck is a connection that was taken and never spoken on. Argo CD's own client
// waits for it for ever.
var errStuck = errors.New("the connection was accepted and then nothing came")

// exchange is all that repo-server does at a plugin's socket for one application: it
// dials, asks twice for the configuration, sends the checkout, waits and hangs up.
type exchange struct {
	socket  string
	app     string
	archive *archive
	chunk   int
	timeout time.Duration
}

// outcome is what came of an exchange. The stage is where it failed.
type outcome struct {
	manifests []string
	whole     time.Duration
	answer    time.Duration // from the last byte sent
	stage     string
	err       error
}

func (e *exchange) run(ctx context.Context) outcome {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	start := time.Now()
	result := e.talk(ctx)
	result.whole = time.Since(start)
	return result
}

func (e *exchange) talk(ctx context.Context) outcome {
	first, err := e.archive.metadata(e.app)
	if err != nil {
		return outcome{stage: "prepare", err: err}
	}
	closer, client, err := dial(ctx, e.socket)
	if err != nil {
		return outcome{stage: "dial", err: err}
	}
	defer func() { _ = closer.Close() }()
	for range 2 {
		if _, err = client.CheckPluginConfiguration(ctx, &emptypb.Empty{}); err != nil {
			return outcome{stage: "check", err: err}
		}
	}
	stream, err := client.GenerateManifest(ctx, grpc_retry.Disable())
	if err != nil {
		return outcome{stage: "open", err: err}
	}
	err = stream.Send(first)
	if err == nil {
		err = e.archive.send(stream, e.chunk)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return outcome{stage: "send", err: err}
	}
	if err != nil {
		// The server ended the call early; the reason waits behind EOF.
		_, err = stream.CloseAndRecv()
		return outcome{stage: "send", err: err}
	}
	sent := time.Now()
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return outcome{stage: "answer", err: err}
	}
	return outcome{manifests: answer.Manifests, answer: time.Since(sent)}
}

// dial is Argo CD's own dialing, given up on where the other side says nothing.
func dial(ctx context.Context, socket string) (utilio.Closer, apiclient.ConfigManagementPluginServiceClient, error) {
	type dialed struct {
		closer utilio.Closer
		client apiclient.ConfigManagementPluginServiceClient
		err    error
	}
	done := make(chan dialed, 1)
	go func() {
		closer, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
		done <- dialed{closer, client, err}
	}()
	select {
	case d := <-done:
		return d.closer, d.client, d.err
	case <-ctx.Done():
		return nil, nil, errStuck
	}
}
