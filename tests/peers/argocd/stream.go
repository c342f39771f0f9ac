package argocd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	grpcmetadata "google.golang.org/grpc/metadata"
)

const service = "/plugin.ConfigManagementPluginService/"

// streamCall sends what a script says to a plugin server, however wrong it is.
type streamCall struct {
	socket  string
	method  string
	timeout time.Duration
	headers map[string]string
}

func newStreamCommand() *cobra.Command {
	var call streamCall
	command := &cobra.Command{
		Use:   "stream",
		Short: "Send a plugin server the messages that a script on standard input lists",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			steps, err := readScript(command.InOrStdin())
			if err != nil {
				return err
			}
			connection, err := apiclient.NewConnection(call.socket)
			if err != nil {
				return err
			}
			defer func() { _ = connection.Close() }()
			given := asked(func() (answer, error) { return call.run(command.Context(), connection, steps) })
			return given.write(command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&call.socket, "socket", "", "the plugin's socket")
	flags.StringVar(&call.method, "method", "GenerateManifest", "or MatchRepository, or GetParametersAnnouncement")
	flags.DurationVar(&call.timeout, "timeout", patience, "the deadline of the call; 0 for none")
	flags.StringToStringVar(&call.headers, "header", nil, "a header NAME=VALUE to send besides")
	_ = command.MarkFlagRequired("socket")
	return command
}

// run plays the script. An error of sending is kept beside the status: repo-server
// shows nothing but the first, so a server that causes one hides its own words.
func (c *streamCall) run(ctx context.Context, connection *grpc.ClientConn, steps []step) (answer, error) {
	ctx, cancel := c.context(ctx)
	defer cancel()
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, service+c.method)
	if err != nil {
		return nil, err
	}
	given := answer{}
	send := func(message *apiclient.AppStreamRequest) error { return stream.SendMsg(message) }
	for i := range steps {
		err := steps[i].run(send)
		if errors.Is(err, errAbandoned) {
			cancel()
			return c.receive(stream, given)
		}
		if errors.Is(err, errHeld) {
			return c.receive(stream, given)
		}
		if errors.Is(err, io.EOF) {
			given["send_error"] = err.Error()
			break
		}
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
	}
	_ = stream.CloseSend()
	return c.receive(stream, given)
}

func (c *streamCall) context(ctx context.Context) (context.Context, context.CancelFunc) {
	for name, value := range c.headers {
		ctx = grpcmetadata.AppendToOutgoingContext(ctx, name, value)
	}
	if c.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

func (c *streamCall) receive(stream grpc.ClientStream, given answer) (answer, error) {
	switch c.method {
	case "MatchRepository":
		var response apiclient.RepositoryResponse
		err := stream.RecvMsg(&response)
		given["isSupported"] = response.IsSupported
		given["isDiscoveryEnabled"] = response.IsDiscoveryEnabled
		return given, err
	case "GetParametersAnnouncement":
		var response apiclient.ParametersAnnouncementResponse
		err := stream.RecvMsg(&response)
		given["parameters"] = response.ParameterAnnouncements
		return given, err
	default:
		var response apiclient.ManifestResponse
		err := stream.RecvMsg(&response)
		given["manifests"] = append([]string{}, response.Manifests...)
		return given, err
	}
}
