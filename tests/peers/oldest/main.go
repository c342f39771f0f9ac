// Command oldest is argocd-peer of the oldest Argo CD that site-cmp supports, without controllers.
// ../build compiles it with the versions of ../oldest.mod.
package main

import (
	"os"

	"site-cmp/peers/argocd"
)

func main() { os.Exit(argocd.Main(os.Args[1:])) }
