// Package issue makes what cert-manager would put into the Secret of a Certificate, by
// cert-manager's own code.
//
// A request is a line of JSON on stdin: a Certificate, and the Secret of the authority that
// signs it, without one itself. The answer is a line too: the new Secret's three files. There
// is no cluster: the issuer that the Certificate names is not looked up.
package issue

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/cert-manager/cert-manager/pkg/util/pki"
)

// A request asks for a certificate.
type request struct {
	Certificate certmanager.Certificate `json:"certificate"`
	Authority   *secret                 `json:"authority"`
}

// A secret is of type kubernetes.io/tls.
type secret struct {
	Certificate string `json:"tls.crt"`
	Key         string `json:"tls.key"`
	Authority   string `json:"ca.crt"`
}

// Main is cert-issue, which takes no words.
func Main([]string) int {
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var asked request
		err := requests.Decode(&asked)
		if errors.Is(err, io.EOF) {
			return 0
		}
		var issued *secret
		if err == nil {
			issued, err = issue(&asked)
		}
		if err == nil {
			err = answers.Encode(issued)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
}

func issue(asked *request) (*secret, error) {
	template, err := pki.CertificateTemplateFromCertificate(&asked.Certificate)
	if err != nil {
		return nil, err
	}
	key, err := pki.GeneratePrivateKeyForCertificate(&asked.Certificate)
	if err != nil {
		return nil, err
	}
	private := asked.Certificate.Spec.PrivateKey
	if private == nil {
		private = &certmanager.CertificatePrivateKey{}
	}
	encoded, err := pki.EncodePrivateKey(key, private.Encoding)
	if err != nil {
		return nil, err
	}
	// Without an authority it signs itself.
	authority, signer := template, key
	if asked.Authority != nil {
		if authority, err = pki.DecodeX509CertificateBytes([]byte(asked.Authority.Certificate)); err != nil {
			return nil, err
		}
		if signer, err = pki.DecodePrivateKeyBytes([]byte(asked.Authority.Key)); err != nil {
			return nil, err
		}
	}
	text, found, err := pki.SignCertificate(template, authority, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	if asked.Authority == nil {
		authority = found
	}
	return answer(text, encoded, authority)
}

func answer(certificate, key []byte, authority *x509.Certificate) (*secret, error) {
	trusted, err := pki.EncodeX509(authority)
	if err != nil {
		return nil, err
	}
	return &secret{string(certificate), string(key), string(trusted)}, nil
}
