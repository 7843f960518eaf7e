"""The predecessor's way through RabbitMQ: pika, a JSON message each, publishes not confirmed, each message acknowledged.

One program, twice: as producer and as consumer. It speaks with the process that started it over the channel that Node
gives it: lines of JSON on the socket whose number is in NODE_CHANNEL_FD.
"""
import json
import os
import socket
import sys

import pika


class Starter:
    def __init__(self):
        self.socket = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))
        self.socket.setblocking(True)
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def say(self, message):
        self.socket.sendall((json.dumps(message) + "\n").encode())

    def hear(self):
        return json.loads(self.lines.readline())


def produce(channel, starter, queue, count):
    messages = starter.hear()["messages"]
    starter.say({"ready": True})
    starter.hear()
    persistent = pika.BasicProperties(delivery_mode=2)
    for i in range(count):
        body = json.dumps(messages[i % len(messages)])
        channel.basic_publish(exchange="", routing_key=queue, body=body, properties=persistent)


def consume(channel, starter, queue, count):
    done = 0

    def on_message(channel, method, _properties, body):
        nonlocal done
        json.loads(body)
        channel.basic_ack(method.delivery_tag)
        done += 1
        if done == count:
            channel.stop_consuming()

    channel.basic_consume(queue, on_message)
    starter.say({"ready": True})
    channel.start_consuming()
    starter.say({"consumed": done})


options = json.loads(sys.argv[1])
starter = Starter()
channel = pika.BlockingConnection(pika.URLParameters(options["url"])).channel()
channel.queue_declare(options["queue"], durable=True)
channel.basic_qos(prefetch_count=options["prefetch"])
work = produce if options["role"] == "producer" else consume
work(channel, starter, options["queue"], options["count"])
# What it used is counted while it lives: until it is stopped.
starter.lines.readline()
