"""A CloudWatch for tests: takes PutMetricData, refuses what AWS refuses, keeps the rest.

Signatures are computed anew by botocore. Prints "listening on PORT". What was taken: GET /_taken.
POST /_fail {"status", "code", "times", "after"}: the next requests but `after` are answered so.
"""
import datetime
import gzip
import json
import math
import re
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

UNITS = set("Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits "
            "Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second "
            "Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second "
            "None".split())
ACCOUNT = json.loads(sys.argv[1])  # {"key_id", "secret", "token"}
TAKEN = []  # of each request: {"namespace", "data", "encoding", "bytes"}
FAIL = {"times": 0}


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


def check(holds, code, message):
    if not holds:
        raise Refused(400, code, message)


def printable(text, longest):
    return 0 < len(text) <= longest and text.isascii() and text.isprintable() and text.strip(" ") != ""


def check_signature(handler, body):
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/monitoring/aws4_request, ?"
                         r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})", handler.headers.get("Authorization", ""))
    if not found:
        raise Refused(403, "MissingAuthenticationToken", "no signature")
    key_id, day, region, names, signature = found.groups()
    names = names.split(";")
    at = handler.headers.get("X-Amz-Date", "")
    now = datetime.datetime.utcnow()
    if not at.startswith(day) or abs((datetime.datetime.strptime(at, "%Y%m%dT%H%M%SZ") - now).total_seconds()) > 300:
        raise Refused(403, "RequestExpired", "not of now")
    must = {"host", "x-amz-date"} | {n.lower() for n in handler.headers if n.lower().startswith("x-amz-")}
    if not must <= set(names):
        raise Refused(403, "SignatureDoesNotMatch", f"not signed: {must - set(names)}")
    if key_id != ACCOUNT["key_id"] or handler.headers.get("X-Amz-Security-Token") != ACCOUNT.get("token"):
        raise Refused(403, "InvalidClientTokenId", "nobody we know")
    request = AWSRequest(method="POST", url=f"http://{handler.headers['Host']}{handler.path}", data=body,
                         headers={name: handler.headers[name] for name in names if name != "host"})
    request.context["timestamp"] = at
    signer = SigV4Auth(Credentials(key_id, ACCOUNT["secret"]), "monitoring", region)
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if signature != expected:
        # As AWS does, with all that was signed: nobody may show this.
        raise Refused(403, "SignatureDoesNotMatch", signer.canonical_request(request))


def members(form, prefix):
    """{"1.Name": …} as a list of dictionaries, which must be numbered from 1 on."""
    by_number = {}
    for key, value in form.items():
        if key.startswith(prefix):
            number, _, rest = key[len(prefix):].partition(".")
            by_number.setdefault(int(number), {})[rest] = value
    check(sorted(by_number) == list(range(1, len(by_number) + 1)), "MalformedInput", "gaps in the numbers")
    return [by_number[number] for number in sorted(by_number)]


def datum_of(fields):
    name = fields.pop("MetricName", "")
    check(printable(name, 255) and not name.startswith(":"), "InvalidParameterValue", "name")
    dimensions = {}
    for dimension in members({k: v for k, v in fields.items()}, "Dimensions.member."):
        check(set(dimension) == {"Name", "Value"}, "MissingParameter", "dimension")
        check(printable(dimension["Name"], 255) and not dimension["Name"].startswith(":"), "InvalidParameterValue", "dimension name")
        check(printable(dimension["Value"], 1024), "InvalidParameterValue", "dimension value")
        check(dimension["Name"] not in dimensions, "InvalidParameterValue", "a dimension twice")
        dimensions[dimension["Name"]] = dimension["Value"]
    check(len(dimensions) <= 30, "InvalidParameterValue", "more than 30 dimensions")
    value = float(fields["Value"])
    check(math.isfinite(value) and (value == 0 or 2.0**-360 <= abs(value) <= 2.0**360), "InvalidParameterValue", "value")
    check(fields["Unit"] in UNITS, "InvalidParameterValue", "unit")
    at = datetime.datetime.strptime(fields["Timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    age = (datetime.datetime.now(datetime.timezone.utc) - at).total_seconds()
    check(-7200 <= age <= 14 * 86400, "InvalidParameterValue", "timestamp")
    resolution = fields.get("StorageResolution", "60")
    check(resolution in ("1", "60"), "InvalidParameterValue", "resolution")
    known = {"Value", "Unit", "Timestamp", "StorageResolution"}
    check(all(k in known or k.startswith("Dimensions.") for k in fields), "MalformedInput", "an unknown field")
    return {"name": name, "dimensions": dimensions, "value": value, "unit": fields["Unit"], "timestamp": at.timestamp(),
            "resolution": int(resolution)}


def take(handler, body):
    check(handler.path == "/", "InvalidAction", "path")
    check_signature(handler, body)
    encoding = handler.headers.get("Content-Encoding", "")
    text = gzip.decompress(body) if encoding == "gzip" else body
    check(len(text) <= 1024 * 1024, "RequestEntityTooLarge", "over 1 MB")
    pairs = urllib.parse.parse_qsl(text.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    form = dict(pairs)
    check(len(form) == len(pairs), "MalformedInput", "a field twice")
    check(form.get("Action") == "PutMetricData" and form.get("Version") == "2010-08-01", "InvalidAction", "action")
    name_space = form["Namespace"]
    check(re.fullmatch(r"[^:][0-9A-Za-z.\-_/#: ]{0,254}", name_space) and not name_space.startswith("AWS/"),
          "InvalidParameterValue", "namespace")
    data = [datum_of(fields) for fields in members(form, "MetricData.member.")]
    check(0 < len(data) <= 1000, "InvalidParameterValue", "no or more than 1,000 metrics")
    TAKEN.append({"namespace": name_space, "data": data, "encoding": encoding, "bytes": len(text)})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.answer(200, json.dumps(TAKEN).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/_fail":
            FAIL.clear()
            FAIL.update({"after": 0, "times": 1} | json.loads(body))
            return self.answer(200, b"")
        try:
            if FAIL["times"] > 0 and FAIL["after"] <= 0:
                FAIL["times"] -= 1
                raise Refused(FAIL["status"], FAIL["code"], "as told")
            FAIL["after"] = FAIL.get("after", 0) - 1
            take(self, body)
            self.answer(200, b"<PutMetricDataResponse/>")
        except Refused as refused:
            self.answer(refused.status, f"<ErrorResponse><Error><Type>Sender</Type><Code>{refused.code}</Code>"
                                        f"<Message>{refused}</Message></Error></ErrorResponse>".encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
