// What ECS, EKS and EC2 have beside a task: services that hand out credentials.
#pragma once

#include <string>

#include "tests/support/cloudwatch_endpoint.h"
#include "tests/support/stub_server.h"

namespace chatscale {

// As a metadata service writes them; `expiration` in RFC 3339, empty: for ever.
std::string CredentialsJson(const AwsAccount& account, const std::string& expiration = "");

// GET `path` with that Authorization (empty: none) is answered with `json`; all else with 401.
StubBehaviour ContainerAgent(std::string path, std::string authorization, std::string json);

// Version 2 of the instance metadata service: a token first. The role is "chat/role 1".
StubBehaviour InstanceMetadata(std::string json);

}  // namespace chatscale
