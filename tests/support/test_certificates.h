// A small world of certificates, made by the openssl command in a temporary folder.
#pragma once

#include <string>

#include "tests/support/temp_folder.h"

namespace chatscale {

// All members are paths of PEM files; a key lies beside its certificate.
struct CertificatePair {
  std::string cert;
  std::string key;
};

struct TestCertificates {
  TestCertificates();

  TempFolder folder;
  CertificatePair authority;
  CertificatePair other_authority;
  CertificatePair server;            // by `authority`, for 127.0.0.1 and localhost
  CertificatePair server_elsewhere;  // by `authority`, for elsewhere.invalid
  CertificatePair client;            // by `authority`
};

}  // namespace chatscale
