#include "exporter/server/web_config.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  const std::string_view text = fuzz::Bytes(data, size).All();
  const auto config = ParseWebConfig(text, "web.yml");
  if (config.ok()) {
    MUST(*ParseWebConfig(text, "web.yml") == *config);
  } else {
    MUST(config.status().message().find("web.yml:") == 0);
  }
  return 0;
}
