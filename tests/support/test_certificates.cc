#include "tests/support/test_certificates.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace chatscale {
namespace {

// Self-signed when `issuer` is null.
CertificatePair Make(const TempFolder& folder, const std::string& name,
                     const CertificatePair* issuer, const std::string& extension) {
  CertificatePair pair{folder.Path(name + ".pem"), folder.Path(name + ".key")};
  const std::string log = folder.Path(name + ".log");
  std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
      name + " -keyout " + pair.key + " -out " + pair.cert + " -addext " + extension;
  if (issuer != nullptr) {
    command += " -CA " + issuer->cert + " -CAkey " + issuer->key +
               " -addext basicConstraints=critical,CA:FALSE";
  }
  EXPECT_EQ(std::system((command + " >" + log + " 2>&1").c_str()), 0)
      << "the openssl command failed; Debian package: openssl. It ran: " << command;
  return pair;
}

}  // namespace

TestCertificates::TestCertificates()
    : authority(Make(folder, "authority", nullptr, "keyUsage=keyCertSign")),
      other_authority(Make(folder, "other-authority", nullptr, "keyUsage=keyCertSign")),
      server(Make(folder, "server", &authority, "subjectAltName=IP:127.0.0.1,DNS:localhost")),
      server_elsewhere(
          Make(folder, "elsewhere", &authority, "subjectAltName=DNS:elsewhere.invalid")),
      client(Make(folder, "client", &authority,
                  "subjectAltName=DNS:prometheus.example -addext extendedKeyUsage=clientAuth")) {}

}  // namespace chatscale
