"""As much of curl as the examples of the documentation use, for machines without it."""

import sys
from argparse import ArgumentParser

import httpx


def main() -> int:
    parser = ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-X", "--request", default="")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-d", "--data")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-S", action="store_true")
    parser.add_argument("-f", "--fail", action="store_true")
    asked = parser.parse_args()
    headers = dict(header.split(": ", 1) for header in asked.header)
    method = asked.request or ("GET" if asked.data is None else "POST")
    answer = httpx.request(method, asked.url, headers=headers, content=asked.data)
    if asked.fail and answer.status_code >= 400:
        sys.stderr.write(f"curl: (22) The requested URL returned error: {answer.status_code}\n")
        return 22
    sys.stdout.write(answer.text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
