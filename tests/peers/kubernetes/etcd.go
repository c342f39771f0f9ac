package kubernetes

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// newEtcdCommand is etcd in its own folder, at one address for its clients. Other members
// would have to reach the second address: nobody does.
func newEtcdCommand() *cobra.Command {
	var folder, clients, members string
	command := &cobra.Command{
		Use:  "etcd",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			config := embed.NewConfig()
			config.Dir = folder
			config.LogLevel = "warn"
			// Its data need not outlive it.
			config.UnsafeNoFsync = true
			for address, used := range map[string][]*[]url.URL{
				clients: {&config.ListenClientUrls, &config.AdvertiseClientUrls},
				members: {&config.ListenPeerUrls, &config.AdvertisePeerUrls},
			} {
				parsed, err := url.Parse(address)
				if err != nil {
					return err
				}
				for _, urls := range used {
					*urls = []url.URL{*parsed}
				}
			}
			config.InitialCluster = config.InitialClusterFromName(config.Name)
			server, err := embed.StartEtcd(config)
			if err != nil {
				return err
			}
			<-server.Server.ReadyNotify()
			fmt.Println("ready")
			select {
			case err := <-server.Err():
				return err
			case <-command.Context().Done():
				server.Close()
				return nil
			}
		},
	}
	command.Flags().StringVar(&folder, "folder", "", "where its data stand")
	command.Flags().StringVar(&clients, "clients", "", "the URL at which it serves API servers")
	command.Flags().StringVar(&members, "members", "", "the URL at which it would serve other members")
	return command
}
