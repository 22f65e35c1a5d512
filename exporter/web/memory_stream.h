// One framed request and its answer as the stream that cpp-httplib works on: no socket beneath.
#pragma once

#include <httplib.h>

#include <string>
#include <string_view>

namespace chatscale {

class MemoryStream : public httplib::Stream {
 public:
  // `request` must outlive this.
  MemoryStream(std::string_view request, std::string remote_ip)
      : request_(request), remote_ip_(std::move(remote_ip)) {}

  std::string TakeResponse() { return std::move(response_); }

  bool is_readable() const override { return !request_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override {
    size = request_.copy(out, size);
    request_.remove_prefix(size);
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* bytes, size_t size) override {
    response_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = remote_ip_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view request_;
  const std::string remote_ip_;
  std::string response_;
};

}  // namespace chatscale
