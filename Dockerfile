# A slim image of the program that runs as an ordinary user.
#   docker build -t certplan .
#   docker run --rm -v "$PWD:/plans:ro" certplan check plan.yaml
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY certplan ./certplan
RUN python -m venv /opt/certplan && /opt/certplan/bin/pip install --no-cache-dir .

FROM python:3.13-slim
COPY --from=build /opt/certplan /opt/certplan
RUN useradd --create-home --uid 10001 certplan
USER certplan
WORKDIR /plans
ENTRYPOINT ["/opt/certplan/bin/certplan"]
CMD ["--help"]
